import { startCli } from './start.ts'

await startCli(async (context) => {
  const { createApp } = await import('../app/app.ts')
  return createApp(context)
})
