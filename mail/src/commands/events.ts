import { commandVariables } from '@ego/kit/command'
import { readConfig } from '@ego/kit/config'
import { runEvents } from '@ego/kit/events-command'
import { z } from 'zod'
import { wireEvents } from './wire.ts'

const configSchema = z.object(commandVariables)

await runEvents({
  service: 'mail',
  loadConfig: (environment) => readConfig(configSchema, environment),
  handlers: wireEvents,
})
