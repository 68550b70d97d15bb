import { createCrypto } from '@parley/browser';
import { cryptoContract } from '../contract/lib/crypto-contract.ts';

cryptoContract('WebCrypto', createCrypto());
