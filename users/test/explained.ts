import type { Sql } from '@ego/kit/postgres'
import { type Statement, toStatement } from '@ego/kit/sql-text'

type Explained = { 'QUERY PLAN': [{ Plan: Record<string, number> }] }

/** Of the statement that a store really sends: how many rows it answers, and how many blocks it touches for them. */
export async function explained(sql: Sql, planMode: string, ask: (sql: Sql) => Promise<unknown>) {
  const { text, values } = await statementOf(sql, ask)
  await using session = await sql.openSession({ purpose: 'explain' })
  await session.sql.script(`set plan_cache_mode = ${planMode}`)
  await session.sql.script(`prepare asked as ${text}`)
  const [answer] = await session.sql.script<[Explained]>(
    `explain (analyze, buffers, format json) execute asked(${values.map(toLiteral).join(', ')})`,
  )
  const plan = answer['QUERY PLAN'][0].Plan
  const blocks = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
  return { rows: plan['Actual Rows'], blocks }
}

function toLiteral(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`
}

async function statementOf(sql: Sql, ask: (sql: Sql) => Promise<unknown>): Promise<Statement> {
  let statement: Statement | undefined
  const recording = async (strings: TemplateStringsArray, ...values: unknown[]) => {
    statement = toStatement(strings, values)
    return []
  }
  await ask(Object.assign(recording, sql) as Sql)
  if (!statement) throw new Error('Nothing was asked.')
  return statement
}
