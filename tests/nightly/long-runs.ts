// Twenty times as many cases for every property that does not name a number of its own: fuzzing for minutes, not seconds.
import fc from 'fast-check';

fc.configureGlobal({ numRuns: 2000 });
