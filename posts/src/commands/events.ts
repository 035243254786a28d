import { commandVariables } from '@ego/kit/commands/command'
import { runEvents } from '@ego/kit/commands/events-command'
import { readConfig } from '@ego/kit/process/config'
import { z } from 'zod'
import { wireEvents } from './wire.ts'

const configSchema = z.object(commandVariables)

await runEvents({
  service: 'posts',
  loadConfig: (environment) => readConfig(configSchema, environment),
  handlers: wireEvents,
})
