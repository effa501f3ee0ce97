import { createProcessRuntime } from './process-runtime.ts'
import { runCli } from './run-cli.ts'

// Setting the exit code and returning lets pending output drain; exiting here would cut a pipe short.
process.exitCode = await runCli(process.argv.slice(2), createProcessRuntime(), async (context) => {
  const { createServices } = await import('./composition.ts')
  return createServices(context)
})
