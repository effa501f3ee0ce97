import { afterAll, setDefaultTimeout } from 'bun:test'
import { stopServers } from './support/postgres.ts'

setDefaultTimeout(60_000)

// Runs once, after the last file of the process.
afterAll(stopServers)
