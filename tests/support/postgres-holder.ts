import { sharedPostgres } from './postgres.ts'

/** A test run in miniature: starts its server, says where it is and what its folder is, and waits to be killed. */
const { port, dataFolder } = await sharedPostgres()
process.stdout.write(`${JSON.stringify({ port, dataFolder })}\n`)
setInterval(() => {}, 60_000)
