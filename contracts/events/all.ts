import * as account from './account.ts'
import type { EventDefinition } from './definition.ts'
import * as follow from './follow.ts'
import * as mail from './mail.ts'
import * as post from './post.ts'
import * as profile from './profile.ts'

/** Every event of every service. */
export const events: readonly EventDefinition[] = [account, mail, profile, follow, post].flatMap(
  (subject): EventDefinition[] => Object.values(subject),
)
