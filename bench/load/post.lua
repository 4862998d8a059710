-- For wrk: sends ready-made requests of one size from a file in order, each once, or from the first again at the end.
-- wrk ... --script post.lua URL -- FILE SIZE once|again

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  file = assert(io.open(arguments[1], "rb"))
  size = tonumber(arguments[2])
  again = arguments[3] == "again"
  used_up = false
end

function request()
  local text = file:read(size)
  if text ~= nil then
    return text
  end
  if not again then
    used_up = true
    wrk.thread:stop()
  end
  file:seek("set", 0)
  return file:read(size)
end

function done(summary, latency, requests)
  local missing = false
  for _, thread in ipairs(threads) do
    missing = missing or thread:get("used_up")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"answered": %d, "seconds": %.6f, "refused": %d, "broken": %d, "used_up": %s, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, tostring(missing),
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
