const style = `
    text { font: 12px system-ui, sans-serif; fill: #1f2328 }
    .quiet { fill: #59636e }
    .heading { font-weight: 600 }
    .page { fill: #ffffff }
    .reached { fill: #2da44e }
    .missed { fill: #d1242f }
    .line { stroke: #59636e; stroke-width: 1; fill: none }
    .target { stroke: #1f2328; stroke-width: 2 }
    .dashed { stroke: #59636e; stroke-dasharray: 4 3; fill: none }
    .cost { stroke: #0969da; stroke-width: 2; fill: none }
    .point { fill: #0969da }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .quiet { fill: #9198a1 }
      .page { fill: #0d1117 }
      .reached { fill: #3fb950 }
      .missed { fill: #f85149 }
      .line, .dashed { stroke: #9198a1 }
      .target { stroke: #f0f6fc }
      .cost { stroke: #4493f8 }
      .point { fill: #4493f8 }
    }`

export type Size = { width: number; height: number }

/** A picture that is readable on a light and on a dark page, and tells in words what it shows. */
export function svgPage({ width, height }: Size, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
  <title>${escaped(title)}</title>
  <style>${style}
  </style>
  <rect class="page" width="${width}" height="${height}"/>
  ${parts.join('\n  ')}
</svg>
`
}

type Place = { x: number; y: number; className?: string; anchor?: 'start' | 'middle' | 'end' }

export function svgText(text: string, { x, y, className = '', anchor = 'start' }: Place): string {
  const name = className && ` class="${className}"`
  return `<text x="${rounded(x)}" y="${rounded(y)}"${name} text-anchor="${anchor}">${escaped(text)}</text>`
}

export function svgLine(from: Place, to: Place, className: string): string {
  const [x1, y1, x2, y2] = [from.x, from.y, to.x, to.y].map(rounded)
  return `<line class="${className}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`
}

export function svgPath(points: readonly Place[], className: string): string {
  const list = points.map(({ x, y }) => `${rounded(x)},${rounded(y)}`).join(' ')
  return `<polyline class="${className}" points="${list}"/>`
}

export function svgBar(place: Place & Size): string {
  const [x, y, width, height] = [place.x, place.y, place.width, place.height].map(rounded)
  return `<rect class="${place.className}" x="${x}" y="${y}" width="${width}" height="${height}" rx="2"/>`
}

/** A tenth of a pixel is as much as can be seen. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
