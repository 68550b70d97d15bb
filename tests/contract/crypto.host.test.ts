import { createCrypto, createNodeCrypto } from '@parley/host';
import { cryptoContract } from './lib/crypto-contract.ts';

cryptoContract('Node.js', createCrypto());
cryptoContract('Node.js, for a node', createNodeCrypto());
