// The one place that names undici, so that a bundle can stand a slim entry in its place. That entry needs
// exactly these two, and the errors are told by their `code`, not by their class:
//
//   Client          undici/lib/dispatcher/client.js   (only `dispatch()` and `destroy()` are called, HTTP/1.1 only)
//   buildConnector  undici/lib/core/connect.js
//
// Nothing of undici/lib/{api,cache,handler,interceptor,mock,web} is reached from them while requests run:
// bodies are Buffers and Node.js streams, and `allowH2` is always false.
export { buildConnector, Client } from 'undici'
