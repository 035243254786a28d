import type { Result, Router } from 'hono/router'
import { boundedMap } from '../async/bounded-map.ts'

const pathsMax = 2_000
const pathCharactersMax = 128

/** Remembers the routes of each path: finding them takes longer than reading a cached answer. */
export function rememberedRoutes<T>(router: Router<T>): Router<T> {
  let found = boundedMap<Result<T>>(pathsMax)
  return {
    name: router.name,
    add(method, path, handler) {
      found = boundedMap(pathsMax)
      router.add(method, path, handler)
    },
    match(method, path) {
      if (path.length > pathCharactersMax) return router.match(method, path)
      const key = `${method} ${path}`
      const known = found.get(key)
      if (known) return known
      // The path is a slice of its URL. Without a copy, the remembered key would keep the whole URL in memory.
      const result = router.match(method, Buffer.from(path).toString())
      found.set(key, result)
      return result
    },
  }
}
