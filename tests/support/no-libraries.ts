import { plugin } from 'bun'

/** Preloaded into a process: a library that takes time and memory fails with a message of its own when it is loaded. */
const HEAVY = ['ccxt', 'pg', '@duckdb/node-bindings', '@duckdb/node-api/lib/DuckDBInstance.js']

plugin({
  name: 'no libraries',
  setup(build) {
    for (const name of HEAVY) {
      build.module(name, () => {
        throw new Error(`${name} was loaded`)
      })
    }
  },
})
