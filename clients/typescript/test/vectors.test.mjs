// The vectors that all implementations share.

import { test } from 'node:test';

import { checkVectors } from './vectors.mjs';

test('every case of the vectors is answered as it must be', checkVectors);
