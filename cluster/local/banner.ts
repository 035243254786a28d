import type { Platform } from './platform.ts'

/** The addresses of all servers, the folder of the logs, and what does not run. */
export function banner(platform: Platform, startSeconds: number): string {
  const { url, folder, adminPassword, addresses, absent } = platform
  const rows = [
    ['API', url],
    ['Swagger UI', `${url}/docs`],
    ['Admin', `admin / ${adminPassword}`],
    ...addresses,
    ['Data, logs', folder],
  ]
  return `
Ego runs as ${addresses.length} servers after ${startSeconds.toFixed(1)} s. Ctrl-C stops them and removes their folder.

${rows.map(([name = '', value]) => `  ${name.padEnd(14)} ${value}`).join('\n')}
${absent.map((sentence) => `\n  Not running: ${sentence}`).join('')}
`
}
