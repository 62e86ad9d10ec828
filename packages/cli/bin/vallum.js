#!/usr/bin/env node
// The command `vallum` in a checkout: hands over to the compiled program.
import '../build/main.js';
