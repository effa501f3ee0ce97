import { expect, test } from 'bun:test'
import { isRunning } from '../../../src/core/process-identity.ts'

test.skipIf(process.platform !== 'linux')(
  'a process that has ended does not run, though its parent never asks for its end',
  async () => {
    // The shell becomes a program that knows nothing of the child.
    const parent = Bun.spawn(['sh', '-c', 'sleep 0.05 & echo $!; exec sleep 60'], {
      stdout: 'pipe',
    })
    try {
      const { value } = await parent.stdout.getReader().read()
      const pid = Number(new TextDecoder().decode(value))
      expect(pid).toBeGreaterThan(0)
      for (let tries = 0; tries < 200 && isRunning(pid); tries++) await Bun.sleep(10)
      expect(isRunning(pid)).toBe(false)
      // It is still there.
      expect(process.kill(pid, 0)).toBe(true)
      expect(isRunning(parent.pid)).toBe(true)
    } finally {
      parent.kill()
      await parent.exited
    }
  },
)
