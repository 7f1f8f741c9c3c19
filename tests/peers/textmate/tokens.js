// Says how Visual Studio Code would colour policies: `node tokens.js GRAMMAR`, a JSON list of
// texts on standard input, for each of them a list of lines, each a list of pieces
// `[start, end, scopes]` on standard output. Offsets are in UTF-16 units.
'use strict';
const fs = require('fs');
const oniguruma = require('vscode-oniguruma');
const textmate = require('vscode-textmate');

async function main() {
  const wasm = fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length));
  const text = fs.readFileSync(process.argv[2], 'utf8');
  everyPatternCompiles(JSON.parse(text), '');
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (line) => new oniguruma.OnigString(line),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(text, 'tenure.tmLanguage.json'),
  });
  const grammar = await registry.loadGrammar('source.tenure');
  const inputs = JSON.parse(fs.readFileSync(0, 'utf8'));
  const answers = inputs.map((input) => {
    let stack = textmate.INITIAL;
    return input.split(/\r\n|\n/).map((line) => {
      const answer = grammar.tokenizeLine(line, stack);
      stack = answer.ruleStack;
      return answer.tokens.map((token) => [token.startIndex, token.endIndex, token.scopes]);
    });
  });
  process.stdout.write(JSON.stringify(answers));
}

// A reader of grammars meets a pattern only where its rule is tried.
function everyPatternCompiles(node, place) {
  if (node === null || typeof node !== 'object') return;
  for (const [key, value] of Object.entries(node)) {
    if (['match', 'begin', 'end'].includes(key) && typeof value === 'string') {
      try {
        new oniguruma.OnigScanner([value]).dispose();
      } catch (error) {
        throw new Error(`${place}.${key}: ${error.message}: ${value}`);
      }
    }
    everyPatternCompiles(value, `${place}.${key}`);
  }
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
