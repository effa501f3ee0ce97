import { RequestLog, type WeightRequest } from '../../../src/exchanges/budget/request-log.ts'

/** Takes of a log whatever it gives as soon as it is told to, and answers how many reservations it got. Argument: the file. */
const log = new RequestLog(process.argv[2] as string)
process.on('message', (request: WeightRequest) => {
  let count = 0
  while ('id' in log.take(request)) count++
  process.send?.(count)
})
process.send?.('ready')
