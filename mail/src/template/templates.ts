export type Template = {
  /** Nothing is put into it: a subject is a header, and is seen on locked screens. */
  subject: string
  opening: string
  /** What the link or the code is for, without which there is nothing to say. */
  action?: string
  /** Whether it tells what lets people judge who did this. */
  tellsCircumstances?: boolean
  ending: string
}

export const templates: Readonly<Record<string, Template>> = {
  welcome_verify: {
    subject: 'Welcome to Ego: please confirm your e-mail address',
    opening: 'welcome to Ego! Please confirm that this e-mail address is yours.',
    action: 'Confirm this address',
    ending: 'If you have not registered, the address was a typing mistake: ignore this mail.',
  },
  verify_email: {
    subject: 'Please confirm your e-mail address',
    opening: 'please confirm that this e-mail address is yours.',
    action: 'Confirm this address',
    ending: 'If you have not asked for this mail, you can ignore it.',
  },
  password_reset: {
    subject: 'Choose a new password',
    opening: 'you can choose a new password for your Ego account now.',
    action: 'Choose a new password',
    tellsCircumstances: true,
    ending:
      'If you have not asked for it, ignore this mail: your password stays as it is. Never pass the link or the code on.',
  },
  email_change_confirm: {
    subject: 'Please confirm your new e-mail address',
    opening: 'please confirm that your Ego account should use this e-mail address.',
    action: 'Use this address',
    ending: 'Until then nothing changes. If this is not your account, ignore this mail.',
  },
  email_changed: {
    subject: 'Your e-mail address was changed',
    opening: 'the e-mail address of your Ego account was changed.',
    tellsCircumstances: true,
    ending: 'If this was not you, another person may be using your account: get in touch.',
  },
  password_changed: {
    subject: 'Your password was changed',
    opening: 'the password of your Ego account was changed, and other sessions were ended.',
    tellsCircumstances: true,
    ending: 'If this was not you, ask for a new password right away.',
  },
  new_device: {
    subject: 'A new sign-in to your account',
    opening: 'there was a sign-in to your Ego account from a device we have not seen before.',
    tellsCircumstances: true,
    ending: 'If this was you, all is well. If not, end that session and change your password.',
  },
}
