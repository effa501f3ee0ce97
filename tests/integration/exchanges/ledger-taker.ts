import { Ledger, type WeightRequest } from '../../../src/exchanges/budget/ledger.ts'

/** Takes of a ledger whatever it gives as soon as it is told to, and answers how many reservations it got. Argument: the file. */
const ledger = new Ledger(process.argv[2] as string)
process.on('message', (request: WeightRequest) => {
  let count = 0
  while ('id' in ledger.take(request)) count++
  process.send?.(count)
})
process.send?.('ready')
