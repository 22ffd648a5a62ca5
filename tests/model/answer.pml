  /* A1: the broker's question is granted from memory: the slot is noted at the entry, the header names slot and file. */
  :: atomic { question == asking && lease[h] != 0 && has(cached, 0) ->
       isNoted = 1;
       if :: isMapped -> question = granted :: else -> end_question() fi }
  /* A2: the memory forgets what was not asked for the longest (entries.ts: keep). */
  :: atomic { idle && has(cached, 0) -> cached = 0;
#ifndef NO_BUMP_OF_OLDEST
       drop_noted()
#else
       isNoted = 0
#endif
     }
#ifdef HEADER_OF_VOID_FILL
  :: atomic { fill > 0 && !isVoid && question == asking -> isInFill = 1 }
  :: atomic { fill == 2 && isVoid ->
       if :: isLive && isInFill && question == asking && isMapped -> question = granted :: else fi;
       isInFill = 0; resolve_fill() }
#endif
