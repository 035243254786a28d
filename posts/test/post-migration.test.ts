import { migrate, serviceMigrations } from '@ego/kit/postgres/migrate'
import { connectPostgres } from '@ego/kit/postgres/postgres'
import { testDatabase } from '@ego/kit/testing/database'
import { expect, test } from 'vitest'

test('what the first code wrote and deleted beside 0002 is brought into the index by 0003', async () => {
  await using database = await testDatabase('posts')
  await using owner = connectPostgres({ url: database.ownerUrl, max: 2 })
  await owner.script(`
    drop table post_key;
    drop index author_disabled;
    delete from migration where set = 'posts' and number = 3;
    insert into post (creator_id, text_content) values (1, 'indexed'), (2, 'unseen'), (3, 'changed');
    insert into search_document (generation, post_id, creator_id, created_at, revision, words)
    select generation, post_id, creator_id, created_at, revision, to_tsvector('simple', text_content)
    from post, search_generation
    where is_live and creator_id <> 2;
    update post set revision = 2 where creator_id = 3;
    insert into search_document (generation, post_id, creator_id, created_at, revision, words)
    select generation, uuidv7(), 4, now(), 1, ''
    from search_generation
    where is_live`)
  const folder = new URL('../migrations/', import.meta.url)
  const applied = await migrate(owner, serviceMigrations('posts', folder))
  expect(applied).toEqual(['posts/0003-writers-and-keys.sql'])
  const rows = await database.sql`select creator_id from search_stale order by creator_id`
  expect([...rows]).toEqual([{ creator_id: 2 }, { creator_id: 3 }, { creator_id: 4 }])
})
