import type { Result, Router } from 'hono/router'
import { boundedMap } from '../../async/bounded-map.ts'

const pathsMax = 2_000
const pathCharactersMax = 128

/** A router that finds the routes of a path once: to find them costs a read more than to look up its answer. */
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
      // A path is a piece of its URL: what is kept of it must not keep the whole of that alive.
      const result = router.match(method, Buffer.from(path).toString())
      found.set(key, result)
      return result
    },
  }
}
