import { createServer } from 'node:http'

/** What everything is compared with: the least that a server of Node can do. */
createServer((_, outgoing) => outgoing.end('ok')).listen(Number(process.argv[2]), '127.0.0.1')
