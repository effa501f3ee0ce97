import type { MetricName } from '../../core/metrics.ts'
import type { Continuity } from '../../data/continuity.ts'
import type { SignalProgram } from '../../kernel/program.ts'
import type { MarketInput } from '../../kernel/types.ts'
import type { SweepEstimate, SweepProgress } from '../results.ts'
import type { WriteTable } from '../tables.ts'
import type { AxisInput } from './axis-spec.ts'
import type { EstimateWorkerBytes, SweepLimits } from './estimate.ts'
import type { SweepWorker } from './pool.ts'
import type { Versions } from './versions.ts'

/** What to compute. */
export interface SweepSpec {
  readonly name: string
  readonly strategyName: string
  readonly program: SignalProgram
  /** One per parameter of the program, in any order. */
  readonly axes: readonly AxisInput[]
  /** Formula over the parameters; points for which it is 0 or not computable are left out. */
  readonly where?: string | undefined
  readonly objective: MetricName
  /** Formulas over metrics and parameters that a row must satisfy to be ranked. */
  readonly constraints: readonly string[]
  readonly top: number
  readonly market: MarketInput
  readonly symbol: string
  readonly interval: string
  /** How whole the candles of the window are. */
  readonly continuity: Continuity
  readonly warmupBars: number
  /** What an unknown seed of a recursive indicator may weigh after them. */
  readonly seedWeightMax: number
  readonly workers: number
  /** About this many points share a tile; 0 lets the planner choose. The result does not depend on it. */
  readonly blockPoints: number
  readonly outputDir: string
  readonly limits: SweepLimits
}

/** What computes it and who listens. */
export interface SweepDependencies {
  readonly kernelModule: WebAssembly.Module
  readonly kernelHash: string
  readonly configHash: string
  readonly versions: Versions
  readonly createWorker: () => SweepWorker
  readonly writeRows: WriteTable
  /** Epoch milliseconds. */
  readonly clock: () => number
  readonly rssBytes: () => number
  readonly freeDiskBytes?: (dir: string) => number
  readonly workerBytes?: EstimateWorkerBytes
  readonly signal?: AbortSignal | undefined
  /** Called once, before anything is computed. */
  readonly onEstimate?: (estimate: SweepEstimate) => void
  /** Called about ten times a second and once at the end. */
  readonly onProgress?: (progress: SweepProgress) => void
  readonly onWarning?: (message: string) => void
}
