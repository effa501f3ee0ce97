/** A venue of which a test tells what it answers. */
export interface VenueServer {
  readonly url: string
  /** What was asked for, in order: path and query. */
  readonly asked: string[]
  /** Every header of every request. */
  readonly headers: Headers[]
  stop(): Promise<void>
}

/** @param answer returns the JSON of a path, or a reply of another kind; may take its time */
export function startVenue(answer: (url: URL) => unknown): VenueServer {
  const asked: string[] = []
  const headers: Headers[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const url = new URL(request.url)
      asked.push(`${url.pathname}${url.search}`)
      headers.push(request.headers)
      const said = await answer(url)
      return said instanceof Response ? said : Response.json(said)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    headers,
    stop: () => server.stop(true),
  }
}
