// What the shared store does in one step. The store's own clock counts: those of the gateways differ.
import { createHash } from 'node:crypto';
import type { Script } from './redis-link.js';

function script(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/**
 * A lease of a rate, by the same rules as `Gcra` and `leaseSize`. The hash has the level `l` at the time `t` (ms), and for each
 * holder `h:<name>` the tokens lent and until when (ms). What is lent counts as in use; what ran out counts as used when that is
 * seen. A clock of the store that steps back neither gives tokens nor keeps what is lent for longer than its life.
 * ARGV: holder, tokens a ms, burst, need, wished, left, life (ms), most held. Answer: 1 tokens | 2 ms to wait | 3.
 */
export const LEASE = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local holder = 'h:' .. ARGV[1]
local perMs, burst, need, wished = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local left, life, mostHeld = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local level, at, own, others, over = 0, now, 0, 0, 0
local state = redis.call('HGETALL', KEYS[1])
for i = 1, #state, 2 do
  local field, value = state[i], state[i + 1]
  if field == 'l' then level = tonumber(value)
  elseif field == 't' then at = tonumber(value)
  else
    local tokens, till = string.match(value, '^(%S+) (%S+)$')
    tokens, till = tonumber(tokens), tonumber(till)
    if till <= now or till > now + life then
      over = over + tokens
      redis.call('HDEL', KEYS[1], field)
    elseif field == holder then own = tokens
    else others = others + tokens end
  end
end
level = math.max(level - math.max(0, now - at) * perMs, own + others + over)
level = math.max(0, math.min(level, burst) - math.min(left, own))
redis.call('HDEL', KEYS[1], holder)
local answer
if need > burst then answer = { '3' }
else
  local tokens = 0
  if need > 0 then
    tokens = math.max(need, math.min(wished, burst - level, need + math.max(0, mostHeld - others)))
  end
  local beyond = level + tokens - burst * (1 + 1e-12)
  if need > 0 and beyond > 0 then
    local wait = beyond / perMs
    if others + need > burst then wait = 1000 end
    answer = { '2', string.format('%.17g', wait) }
  else
    level = level + tokens
    if tokens > need then
      redis.call('HSET', KEYS[1], holder, string.format('%.17g %.17g', tokens - need, now + life))
    end
    answer = { '1', string.format('%.17g', tokens) }
  end
end
redis.call('HSET', KEYS[1], 'l', string.format('%.17g', level), 't', string.format('%.17g', now))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.min(1e12, math.ceil(level / perMs) + 2 * life)))
return answer
`);

/**
 * Rows that gateways took of a lifetime: a field for each, which only grows (a grow-only counter), so that gateways can tell it
 * again to a store that lost it. ARGV: gateway, rows it took and wants, limit. Answer: rows of the others.
 */
export const LIFETIME = script(`
local own, limit, mine, others = tonumber(ARGV[2]), tonumber(ARGV[3]), 0, 0
local state = redis.call('HGETALL', KEYS[1])
for i = 1, #state, 2 do
  if state[i] == ARGV[1] then mine = tonumber(state[i + 1]) else others = others + tonumber(state[i + 1]) end
end
local now = math.min(own, limit - others)
if now > mine then redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now)) end
return string.format('%.0f', others)
`);

/**
 * Adds revocations, counts up the epoch where there was a new one, and tells it. KEYS: prefix of set and epoch.
 * ARGV: most of them, then the revocations. Answer: 1, or 0 when there is no room for all of them.
 */
export const REVOKE = script(`
local set, epoch = KEYS[1] .. ':ids', KEYS[1] .. ':epoch'
local fresh = {}
for i = 2, #ARGV do
  if redis.call('SISMEMBER', set, ARGV[i]) == 0 then
    if redis.call('SCARD', set) >= tonumber(ARGV[1]) then return '0' end
    redis.call('SADD', set, ARGV[i])
    fresh[#fresh + 1] = ARGV[i]
  end
end
if #fresh > 0 then redis.call('INCR', epoch) end
for i = 1, #fresh do redis.call('PUBLISH', KEYS[1], fresh[i]) end
return '1'
`);
