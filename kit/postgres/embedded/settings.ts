export type Settings = Record<string, string | number>

/** Small, because the whole platform shares a laptop, but as durable as any Postgres. */
export const defaultSettings: Settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  max_connections: 60,
  shared_buffers: '32MB',
  maintenance_work_mem: '32MB',
  effective_cache_size: '512MB',
  max_wal_size: '256MB',
  min_wal_size: '64MB',
  // Each of these saves a process, or memory for one, that a single machine does not need.
  io_method: 'sync',
  max_worker_processes: 4,
  max_logical_replication_workers: 0,
  autovacuum_max_workers: 2,
  max_wal_senders: 2,
  jit: 'off',
  huge_pages: 'off',
  random_page_cost: 1.1,

  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // The services log their own failed statements; a copy here would keep user input in clear text.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] ',
}

export function settingOptions(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
