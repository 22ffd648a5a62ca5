/* What a webhook service drops, and when; its clock. Part of lease.pml, which explains it. */

#define resolve_fill() assert(!(fill == 2 && isLive && isLateFill)); end_fill()
#define end_fill() fill = 0; filling = 0; isLive = 0; isLateFill = 0; isVoid = 0

/*
 * A read that is void: its waiters get what it brought, nobody joins it any more, nothing is kept. So it may as well end
 * now: what it is about to read is not live if anybody waits who came after the revoker had returned.
 */
#ifdef NO_FENCE
#define void_fill() skip
#else
#ifdef HEADER_OF_VOID_FILL
#define void_fill() isVoid = (fill > 0)
#else
#define void_fill() resolve_fill()
#endif
#endif

#ifdef KEEP_MEMORY
#define forget() void_fill()
#else
#define forget() cached = 0; end_file(); void_fill()
#endif

#ifdef LEASE_CLOCK_AFTER_SEND
#define prolong() lease[h] = 1; sent[h] = 0
#else
#define prolong() lease[h] = (sent[h] == over -> 0 : sent[h]); sent[h] = 0
#endif

#define end_turn() turn = 0; isHeld = 0; read = 0; gap = 0
#define end_lease() lease[h] = 0; sent[h] = 0; joined = 0; join = 0; position = 0; end_turn(); drop_name(h)
#define lose() forget(); end_lease()

#ifdef JOIN_WITHOUT_LEASE
#define mayJoin (true)
#else
#define mayJoin (lease[h] != 0)
#endif
#ifdef CLOCK_BEFORE_START
#define idle (clockSaid == 0)
#else
#define idle true
#endif
