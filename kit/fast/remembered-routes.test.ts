import { TrieRouter } from 'hono/router/trie-router'
import { expect, test } from 'vitest'
import { rememberedRoutes } from './remembered-routes.ts'

/** Routes are named by what is found for them. */
function aRouter() {
  const router = rememberedRoutes(new TrieRouter<string>())
  const find = (method: string, path: string) => {
    const [handlers] = router.match(method, path)
    return handlers.map(([name, params]) => ({ name, params: { ...Object(params) } }))
  }
  return { router, find }
}

test('a path finds its own route and parameters each time', () => {
  const { router, find } = aRouter()
  router.add('GET', '/users/:id', 'read')
  router.add('PATCH', '/users/:id', 'change')
  for (let turn = 0; turn < 2; turn += 1) {
    expect(find('GET', '/users/1')).toEqual([{ name: 'read', params: { id: '1' } }])
    expect(find('GET', '/users/2')).toEqual([{ name: 'read', params: { id: '2' } }])
    expect(find('PATCH', '/users/1')).toEqual([{ name: 'change', params: { id: '1' } }])
    expect(find('DELETE', '/users/1')).toEqual([])
  }
})

test('a route that is added later is found on a path that was asked for before', () => {
  const { router, find } = aRouter()
  expect(find('GET', '/later')).toEqual([])
  router.add('GET', '/later', 'late')
  expect(find('GET', '/later')).toEqual([{ name: 'late', params: {} }])
})

test('a path that is too long to be remembered is found all the same', () => {
  const { router, find } = aRouter()
  router.add('GET', '/long/:text', 'long')
  const text = 'x'.repeat(500)
  for (let turn = 0; turn < 2; turn += 1) {
    expect(find('GET', `/long/${text}`)).toEqual([{ name: 'long', params: { text } }])
  }
})
