import { afterAll } from 'bun:test'
import { stopServers } from './support/postgres.ts'

// Runs once, after the last file of the process.
afterAll(stopServers)
