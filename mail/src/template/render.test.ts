import { describe, expect, it } from 'vitest'
import { RenderError, renderMail } from './render.ts'
import { templates } from './templates.ts'

const whole = {
  to: 'ada@example.com',
  username: 'ada',
  token: 'To-ken_123',
  link: 'https://ego.example/confirm?token=To-ken_123&x=1',
  device: 'Firefox on Linux',
  ip: '2001:db8::1',
  new_email: 'new@example.com',
  at: '2026-11-21T03:20:00Z',
}
const names = Object.keys(templates)
const withToken = ['welcome_verify', 'verify_email', 'password_reset', 'email_change_confirm']
const told = ['email_changed', 'password_changed', 'new_device']

it('every template is known to these tests', () => {
  expect(names.toSorted()).toEqual([...withToken, ...told].toSorted())
})

describe.each(names)('%s', (name) => {
  it('is a mail in text and HTML, to one person, with a name', () => {
    const { to, subject, text, html } = renderMail(name, whole)
    expect(to).toBe('ada@example.com')
    expect(subject).toMatch(/^[\x20-\x7e]{10,70}$/)
    expect(text).toMatch(/^Hello ada,\n\n/)
    expect(text).not.toMatch(/undefined|null|\[object|<|&#/)
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(html).toContain('<p>Hello ada,</p>')
    expect(html).not.toMatch(/undefined|\[object/)
    expect(tagsOf(html)).toEqual(tagsOf(html).filter((tag) => allowedTags.has(tag)))
  })

  it('needs no more than it must', () => {
    const { to, username, token } = whole
    expect(renderMail(name, { to, username, token }).text).not.toMatch(/undefined|: \n/)
  })

  it.each([
    ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
    ['"><img src=x onerror=x>', '&#34;&#62;&#60;img src=x onerror=x&#62;'],
    [`a'b&amp;c`, 'a&#39;b&#38;amp;c'],
  ])('shows the name %j as text', (username, escaped) => {
    const plain = renderMail(name, whole)
    const { subject, text, html } = renderMail(name, { ...whole, username })
    expect(subject).toBe(plain.subject)
    expect(text).toContain(`Hello ${username},`)
    expect(html).toContain(`Hello ${escaped},`)
    expect(tagsOf(html)).toEqual(tagsOf(plain.html))
  })

  it.each([
    'ada\r\nBcc: eve@example.com',
    'ada\n\n.\nMAIL FROM:<eve@example.com>',
    'ada\u2028line\u2029line',
    'ada\u0085\u000b\u0000\u001b[2J',
  ])('keeps the name %j on its line', (username) => {
    const plain = renderMail(name, whole)
    const { text, html } = renderMail(name, { ...whole, username })
    expect(text.split(/\r|\n|\u2028|\u2029|\u0085|\v/)).toHaveLength(plain.text.split('\n').length)
    expect(text.split('\n')[0]).toMatch(/^Hello ada .*,$/)
    for (const body of [text, html]) expect(body).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it('lets a name neither turn the text around it nor fill the mail', () => {
    const { text, html } = renderMail(name, {
      ...whole,
      username: `\u202eada\u2066שלום ${'🙂'.repeat(10_000)}`,
    })
    for (const body of [text, html]) {
      expect(body).toContain('ada שלום 🙂')
      expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
      expect(body.length).toBeLessThan(5_000)
    }
  })

  it.each([
    { to: 'ada@example.com\r\nBcc: eve@example.com' },
    { to: 'ada@example.com, eve@example.com' },
    { to: '<ada@example.com>' },
    { to: '' },
    { to: undefined },
    { username: '\u0000' },
    { username: 7 },
    { link: 'javascript:alert(1)' },
    { link: 'https://ego.example/\n\nhttps://evil.example' },
    { link: 'https://ego.example/"><script>' },
    { link: 'not a link' },
    { token: 'two words' },
    { token: '' },
    { new_email: 'x' },
    { at: 'yesterday' },
  ])('is refused with %j, and the reason does not repeat it', (changes) => {
    const error = errorOf(() => renderMail(name, { ...whole, ...changes }))
    expect(error).toBeInstanceOf(RenderError)
    const [field = ''] = Object.keys(changes)
    expect(error.message).toBe(`The sealed part does not fit: ${field}.`)
  })
})

describe('a mail that asks for something', () => {
  it.each(withToken)('%s has the link and the code, once as text and once as HTML', (name) => {
    const { text, html } = renderMail(name, whole)
    expect(text).toContain(`:\n${whole.link}\n`)
    expect(text).toContain(`:\n${whole.token}\n`)
    expect(html).toContain(`href="${whole.link.replace('&', '&#38;')}"`)
    expect(html).toContain(`>${whole.token}</code>`)
  })

  it.each(withToken)('%s does with one of the two, and not with none', (name) => {
    const { token, link, ...rest } = whole
    expect(renderMail(name, { ...rest, token }).text).toContain(`Enter this code:\n${token}`)
    expect(renderMail(name, { ...rest, link }).text).toContain(link)
    expect(() => renderMail(name, rest)).toThrow('The sealed part does not fit: token, link.')
  })
})

describe('a mail that tells something', () => {
  it.each(told)('%s says from where and when, but repeats no link and no code', (name) => {
    const { text, html } = renderMail(name, whole)
    for (const body of [text, html]) {
      expect(body).toContain('Firefox on Linux')
      expect(body).toContain('2001:db8::1')
      expect(body).toContain('21 November 2026 at 03:20 UTC')
      expect(body).not.toContain(whole.token)
    }
  })

  it('email_changed says to which address', () => {
    expect(renderMail('email_changed', whole).text).toContain('New address: new@example.com')
  })
})

it.each(['', 'unknown', 'constructor', '__proto__', 'toString'])('there is no %j', (name) => {
  expect(() => renderMail(name, whole)).toThrow('There is no such template.')
})

it.each([null, undefined, 'text', 7, []])('nothing is made of %j', (opened) => {
  expect(() => renderMail('new_device', opened)).toThrow(RenderError)
})

const allowedTags = new Set(
  'html head meta title body div p a table tr th td bdi code br'.split(' '),
)

function tagsOf(html: string): string[] {
  return [...html.matchAll(/<([a-z]+)[\s>]/g)].map(([, tag = '']) => tag)
}

function errorOf(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('Nothing was thrown.')
}
