"""The Lua scripts of the ledger: what must happen in one step in Redis.

Keys of one installation share the hash tag `{NAME}`, so that they live on one node.

    {NAME}:lease               the token of the one dispatcher that may take in and claim; expires
    {NAME}:offsets             partition -> the next offset to read
    {NAME}:queue:DEST          sorted set: episode -> when it is due (ms): only a wake-up
    {NAME}:claimed:DEST        set: episodes that are being sent
    {NAME}:named:DEST:EPISODE  hash: episode -> how it is named; what the message about this one takes back
    {NAME}:pair:DEST:EPISODE   hash: wanted, body, subject, event, since, attempts; inflight, maybe; done, done_at;
                               dead, why

    wanted > max(done, dead)   there is something to send
    inflight                   the revision that was claimed and of which no end was written
    maybe                      a try ended without an answer: somebody may have been told
"""

ACQUIRE = """
-- KEYS lease  ARGV token, ttl_ms
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0
"""

RENEW = """
-- KEYS lease  ARGV token, ttl_ms
-- One that is gone is not taken again: who emptied Redis, or paused us for so long, did more than that.
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0
"""

RELEASE = """
-- KEYS lease  ARGV token
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

ACCEPT = """
-- KEYS lease, offsets, then pair and queue of each destination
-- ARGV token, partition, expected offset ('' none), next offset, episode, revision, event, since, body, subject,
--      when it is due, keep_ms, then of each destination 'want' or 'told'
-- returns 'lease', 'moved', or of each destination the waiting revision that was overtaken (-1 none)
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lease' end
if (redis.call('HGET', KEYS[2], ARGV[2]) or '') ~= ARGV[3] then return 'moved' end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
local episode, revision, event, due = ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[11]
local overtaken = {}
for n = 13, #ARGV do
  local pair, queue = KEYS[3 + 2 * (n - 13)], KEYS[4 + 2 * (n - 13)]
  local had = redis.call('HMGET', pair, 'wanted', 'done', 'dead', 'inflight')
  local wanted, settled = tonumber(had[1] or -1), math.max(tonumber(had[2] or -1), tonumber(had[3] or -1))
  overtaken[n - 12] = -1
  if revision > math.max(wanted, settled) then
    if wanted > settled and tonumber(had[4] or -1) ~= wanted then overtaken[n - 12] = wanted end
    redis.call('HSET', pair, 'wanted', revision, 'event', event)
    redis.call('HSETNX', pair, 'subject', ARGV[10])
    if ARGV[n] == 'want' then
      redis.call('HSET', pair, 'body', ARGV[9], 'since', ARGV[8], 'attempts', 0)
      redis.call('PERSIST', pair)
      redis.call('ZADD', queue, due, episode)
    else
      redis.call('HSET', pair, 'done', revision, 'done_at', ARGV[8])
      redis.call('HDEL', pair, 'body')
      redis.call('ZREM', queue, episode)
      redis.call('PEXPIRE', pair, ARGV[12])
    end
  end
end
return overtaken
"""

NAME = """
-- KEYS pair of the cause, named of the cause  ARGV episode, how it is named, keep_ms
-- Named before the message is taken in hand first, or not at all: what is tried again says the same.
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 1 end
local had = redis.call('HMGET', KEYS[1], 'wanted', 'done', 'dead', 'inflight', 'maybe')
if had[4] or had[5] then return 0 end
if tonumber(had[1] or -1) <= math.max(tonumber(had[2] or -1), tonumber(had[3] or -1)) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
"""

CLAIM = """
-- KEYS lease, pair, queue, claimed  ARGV token, episode
-- returns 'lease' or the pair
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lease' end
if redis.call('HEXISTS', KEYS[2], 'inflight') == 1 then redis.call('HSET', KEYS[2], 'maybe', 1) end
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('SADD', KEYS[4], ARGV[2])
local pair = redis.call('HGETALL', KEYS[2])
local wanted = redis.call('HGET', KEYS[2], 'wanted')
if wanted then redis.call('HSET', KEYS[2], 'inflight', wanted) end
return pair
"""

SETTLE = """
-- KEYS pair, queue, claimed  ARGV episode, revision, 'done' or 'dead', now, why, keep_ms
local episode, revision, field = ARGV[1], tonumber(ARGV[2]), ARGV[3]
redis.call('SREM', KEYS[3], episode)
redis.call('HDEL', KEYS[1], 'inflight')
if revision > tonumber(redis.call('HGET', KEYS[1], field) or -1) then
  redis.call('HSET', KEYS[1], field, revision)
  if field == 'done' then redis.call('HSET', KEYS[1], 'done_at', ARGV[4])
  else redis.call('HSET', KEYS[1], 'why', ARGV[5]) end
end
local stands = redis.call('HMGET', KEYS[1], 'wanted', 'done', 'dead')
if tonumber(stands[1] or -1) > math.max(tonumber(stands[2] or -1), tonumber(stands[3] or -1)) then
  redis.call('ZADD', KEYS[2], ARGV[4], episode)
else
  redis.call('ZREM', KEYS[2], episode)
  redis.call('HDEL', KEYS[1], 'body')
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
end
return 1
"""

POSTPONE = """
-- KEYS pair, queue, claimed  ARGV episode, due, '1' (nobody knows whether it arrived) or '0'
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[1], 'inflight')
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
if ARGV[3] == '1' then redis.call('HSET', KEYS[1], 'maybe', 1) end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
"""

RECOVER = """
-- KEYS lease, queue, claimed  ARGV token, now
-- What a dispatcher that died had in hand is due again.  Returns 'lease' or how many.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lease' end
local left = redis.call('SMEMBERS', KEYS[3])
for _, episode in ipairs(left) do redis.call('ZADD', KEYS[2], ARGV[2], episode) end
redis.call('DEL', KEYS[3])
return #left
"""
