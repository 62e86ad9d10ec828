#!/usr/bin/env node
// The command `vallum` in a checkout: hands over to the compiled program.
import '../dist/main.js';
