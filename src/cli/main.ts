import { startCli } from './start.ts'

await startCli(async (context) => {
  const { createServices } = await import('./composition.ts')
  return createServices(context)
})
