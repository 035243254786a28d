import type { Tx } from '@ego/kit/postgres/postgres'
import type { DeadMessage, Message, MessageStore, Queue } from './store.ts'

/** A pool, or the transaction that settles the event which asks for a mail. */
export function postgresMessages(sql: Tx): MessageStore {
  return {
    async add({ id, template, requestId, sealed }, now) {
      const at = new Date(now)
      await sql`
        insert into message (message_id, template, request_id, sealed, due_at, created_at)
        values (${id}, ${template}, ${requestId}, ${sealed}, ${at}, ${at})
        on conflict (message_id) do nothing`
    },

    claim: ({ now, limit, leaseMs }) => sql<Message[]>`
      update message
      set attempts = attempts + 1, due_at = ${new Date(now + leaseMs)}
      where message_id in (
        select message_id
        from message
        where state = 'queued' and due_at <= ${new Date(now)}
        order by due_at
        limit ${limit}
        for update skip locked
      )
      returning
        message_id as id, template, sealed, attempts,
        request_id as "requestId", created_at as "createdAt"`,

    async markSent(id, now) {
      await sql`
        update message
        set state = 'sent', sealed = null, failure = null, settled_at = ${new Date(now)}
        where message_id = ${id} and state <> 'sent'`
    },

    async postpone({ id, attempts }, failure, dueAt) {
      await sql`
        update message
        set failure = ${failure}, due_at = ${new Date(dueAt)}
        where message_id = ${id} and state = 'queued' and attempts = ${attempts}`
    },

    async markDead({ id, attempts }, failure, now) {
      await sql`
        update message
        set state = 'dead', failure = ${failure}, settled_at = ${new Date(now)}
        where message_id = ${id} and state = 'queued' and attempts = ${attempts}`
    },

    listDead: (limit) =>
      sql<DeadMessage[]>`
        select
          message_id as id, template, attempts, failure,
          request_id as "requestId", created_at as "createdAt", settled_at as "diedAt"
        from message
        where state = 'dead'
        order by message_id
        limit ${limit}`,

    async replay(id, now) {
      const { count } = await sql`
        update message
        set state = 'queued', attempts = 0, due_at = ${new Date(now)}, settled_at = null
        where message_id = ${id} and state = 'dead'`
      return count === 1
    },

    async replayAll(now) {
      const { count } = await sql`
        update message
        set state = 'queued', attempts = 0, due_at = ${new Date(now)}, settled_at = null
        where state = 'dead'`
      return count
    },

    async discard(id) {
      const { count } = await sql`delete from message where message_id = ${id} and state = 'dead'`
      return count === 1
    },

    async sweep(before, limit) {
      const { count } = await sql`
        delete from message
        where message_id in (
          select message_id
          from message
          where state <> 'queued' and settled_at < ${new Date(before)}
          order by settled_at
          limit ${limit}
          for update skip locked
        )`
      return count
    },

    async measure() {
      // Apart, so that each part reads its own small index and not the many that are sent.
      const [queue] = await sql<[Queue]>`
        select waiting, "oldestAt", dead
        from
          (
            select count(*)::int as waiting, min(created_at) as "oldestAt"
            from message
            where state = 'queued'
          ) as queued,
          (select count(*)::int as dead from message where state = 'dead') as given_up`
      return queue
    },
  }
}
