import { createCrypto } from '@parley/host';
import { cryptoContract } from './lib/crypto-contract.ts';

cryptoContract('Node.js', createCrypto());
