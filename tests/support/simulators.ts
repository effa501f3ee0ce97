import { afterEach } from 'bun:test'
import type { Simulator } from '../../src/simulator/index.ts'
import { startSimulator, type TestSimulatorOptions } from './simulator.ts'
import { StreamClient } from './stream-client.ts'

/** Simulators and stream clients that end with the test that starts them. @param defaults of every simulator */
export function temporarySimulators(defaults: TestSimulatorOptions) {
  const running: Simulator[] = []
  const clients: StreamClient[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    for (const simulator of running.splice(0)) await simulator.stop()
  })
  return {
    async start(options: TestSimulatorOptions = {}): Promise<Simulator> {
      const simulator = await startSimulator({ ...defaults, ...options })
      running.push(simulator)
      return simulator
    },
    async connect(simulator: Simulator, path: string): Promise<StreamClient> {
      const client = await StreamClient.open(`${simulator.streamUrl}${path}`)
      clients.push(client)
      return client
    },
  }
}
