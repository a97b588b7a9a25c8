// What src/http uses of undici, without the rest of it: loading all of undici costs every command 50 ms more.
// The bundler puts this file in undici's place and refuses a name that is not exported here.
import api from 'undici/lib/api/index.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'

// The same line stands in undici's index.js: it gives dispatchers request(), stream() and the like.
Object.assign(Dispatcher.prototype, api)

export { Agent, Dispatcher }
export { default as buildConnector } from 'undici/lib/core/connect.js'
export { default as errors } from 'undici/lib/core/errors.js'
export { default as Client } from 'undici/lib/dispatcher/client.js'
export { default as Pool } from 'undici/lib/dispatcher/pool.js'
export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js'
