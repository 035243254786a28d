/** Every node that can be reached, the start first, each with the one before it. */
export function walk(start: string, next: (node: string) => string[]): Map<string, string | null> {
  const before = new Map<string, string | null>([[start, null]])
  // A map may grow while it is walked: what is added comes at its end.
  for (const node of before.keys()) {
    for (const found of next(node)) if (!before.has(found)) before.set(found, node)
  }
  return before
}

/** The shortest way from the start of a walk to a node. */
export function wayTo(node: string, before: Map<string, string | null>): string[] {
  const earlier = before.get(node)
  return earlier ? [...wayTo(earlier, before), node] : [node]
}
