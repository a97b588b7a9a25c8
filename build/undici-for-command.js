// What src/http/undici.ts uses of undici, and nothing else of it: loading all of undici costs a command 50 ms.
// The bundler puts this file in undici's place, and refuses an import of what is not exported here.
export { default as buildConnector } from 'undici/lib/core/connect.js'
export { default as Client } from 'undici/lib/dispatcher/client.js'
