import type { Sql } from '../postgres/postgres.ts'
import { type Statement, toStatement } from '../postgres/sql-text.ts'

type Plan = {
  'Actual Rows': number
  'Actual Loops': number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  'Relation Name'?: string
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/**
 * Explains the statement that a store really sends: how many rows it returns, how many blocks it touches, and how many rows of
 * a table it reads.
 */
export async function explained(sql: Sql, planMode: string, ask: (sql: Sql) => Promise<unknown>) {
  const { text, values } = await statementOf(sql, ask)
  await using session = await sql.openSession({ purpose: 'explain' })
  await session.sql.script(`set plan_cache_mode = ${planMode}`)
  await session.sql.script(`prepare asked as ${text}`)
  const [answer] = await session.sql.script<[{ 'QUERY PLAN': [{ Plan: Plan }] }]>(
    `explain (analyze, buffers, format json) execute asked(${values.map(toLiteral).join(', ')})`,
  )
  const plan = answer['QUERY PLAN'][0].Plan
  return {
    rows: plan['Actual Rows'],
    blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    rowsRead: (table: string) => rowsRead(plan, table),
  }
}

function rowsRead(plan: Plan, table: string): number {
  const below = (plan.Plans ?? []).map((inner) => rowsRead(inner, table))
  const own = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)
  const here = plan['Relation Name'] === table ? own * plan['Actual Loops'] : 0
  return below.reduce((sum, rows) => sum + rows, here)
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
