// The notation of --listen.
import { expect, test } from 'vitest';
import { parseListenAddress } from '../../../src/server/listen-address.ts';

test.each([
  ['127.0.0.1:9476', { host: '127.0.0.1', port: 9476 }],
  ['[::1]:9476', { host: '::1', port: 9476 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  [':9476', { host: '::', port: 9476 }],
  ['9476', undefined],
  ['127.0.0.1', undefined],
  ['127.0.0.1:65536', undefined],
  ['::1:9476', undefined],
  ['[::1]', undefined],
  ['a:b:1', undefined],
])('%s', (text, address) => expect(parseListenAddress(text)).toEqual(address));
