import { describe, expect, test } from 'vitest'
import type { Document, SearchIndex } from './search-index.ts'

type Given = {
  index(): SearchIndex
  aDocument(textContent: string): Document
  put(...texts: string[]): Promise<Document[]>
  find(q: string): Promise<string[]>
}

/** The part of the index's contract that is about copies. */
export function rebuildContract({ index, aDocument, put, find }: Given): void {
  describe('a rebuild', () => {
    test('is not seen before it is finished, and keeps what changes meanwhile', async () => {
      const [kept, edited, removed, lost] = await put('kept x', 'edited x', 'removed x', 'lost x')
      if (!kept || !edited || !removed || !lost) throw new Error('Four were put.')
      const rebuild = await index().beginRebuild()
      expect(await find('x')).toHaveLength(4)
      await index().put([{ ...edited, revision: 2, textContent: 'changed x' }])
      await rebuild.fill([kept, edited, removed])
      await index().remove([removed.postId])
      const added = aDocument('added x')
      await index().put([added])
      expect(await find('x')).toEqual([added.postId, lost.postId, edited.postId, kept.postId])
      await rebuild.finish()
      expect(await find('x')).toEqual([added.postId, edited.postId, kept.postId])
      expect(await find('changed')).toEqual([edited.postId])
      await index().put([aDocument('later x')])
      expect(await find('x')).toHaveLength(4)
    })

    test('that was broken off is forgotten by the next one', async () => {
      const [kept] = await put('kept')
      const broken = await index().beginRebuild()
      await broken.fill([aDocument('from the broken one')])
      const rebuild = await index().beginRebuild()
      await rebuild.fill(kept ? [kept] : [])
      await rebuild.finish()
      expect(await find('')).toEqual([kept?.postId])
    })

    test('that was broken off is dropped when asked for, by its name, and never what is in use', async () => {
      const [kept] = await put('kept')
      expect(await index().dropLeft()).toEqual([])
      const broken = await index().beginRebuild()
      await broken.fill([aDocument('from the broken one')])
      expect(await index().dropLeft()).toEqual([expect.any(String)])
      expect(await index().dropLeft()).toEqual([])
      await expect(broken.finish()).rejects.toThrow()
      const added = aDocument('added')
      await index().put([added])
      expect(await find('')).toEqual([added.postId, kept?.postId])
    })
  })
}
