import type { Profile } from '../../src/profile/profile.ts'

export function aProfile(changes: Partial<Profile> = {}): Profile {
  return {
    userId: 7,
    username: 'seven',
    firstName: 'Test',
    lastName: 'Test',
    gender: 'other',
    birthday: '2023-07-18',
    bio: '',
    avatarHash: null,
    followers: 3,
    following: 4,
    createdAt: new Date('2024-02-29T12:00:00.123Z'),
    isHidden: false,
    isDisabled: false,
    ...changes,
  }
}
