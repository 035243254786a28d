import { runEvents } from '@ego/kit/commands/events-command'
import { loadEventsConfig } from './config.ts'
import { wireEvents } from './wire.ts'

await runEvents({ service: 'auth', loadConfig: loadEventsConfig, handlers: wireEvents })
