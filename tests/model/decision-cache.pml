#define DECISION_CACHE
#define HOLDERS 1
#define dead HOLDERS          /* the name of the dead service whose file the broker reads still */

#include "redis.pml"

/* The plugin. A question is about the one session that there is. */
mtype = { none, looking, asking, granted };
mtype question = none;
bit isMapped = 1;             /* it reads the file of the service that lives, else of the one before */
byte stamp;                   /* in the file that it reads: random bits, never twice the same */
bit isLate;                   /* the check under way began after the revoker had returned */
byte snapshot;                /* of the stamp, before the question was sent */
byte entry;                   /* a grant that is kept: 1 + the stamp it was kept with; 0 = none */

/* The service */
bit isNoted;                  /* an answer from the entry in its memory named a slot */
bit owesBump;                 /* (planted bug only) */
bit isInFill;                 /* (planted bug only) */
byte fresh;

#define end_question() question = none; snapshot = 0; isInFill = 0; isLate = 0

/* As stamps are compared with those only that are kept somewhere, four values do for any number of them. */
inline bump() {
  do
  :: fresh == stamp || ((question == asking || question == granted) && fresh == snapshot) || entry == fresh + 1 -> fresh++
  :: else -> break
  od;
  if :: isMapped -> stamp = fresh :: else fi;
  fresh = 0
}

#ifdef BUMP_AFTER_ACK
#define drop_noted() if :: isNoted -> owesBump = 1; isNoted = 0 :: else fi
#define bump_late() if :: owesBump -> bump(); owesBump = 0 :: else fi
#else
#define drop_noted() if :: isNoted -> bump(); isNoted = 0 :: else fi
#define bump_late() skip
#endif

/* What the file says stays as it is, and so does the name's record in Redis, until the lease is over by all clocks. */
inline leave_file() {
  if
  :: isMapped ->
#ifdef STAMP_COMES_BACK
       stamp = 0
#else
       record[dead] = record[0]; acked[dead] = acked[0]; lease[dead] = lease[0];
       if :: has(waiting[0], 0) -> waiting[0] = waiting[0] | bit_of(dead) :: else fi;
       isMapped = 0
#endif
  :: else
  fi;
  isNoted = 0; owesBump = 0
}

/* The lease is lost: deadline 0 (that is lease[h], which ends in the same step), and the stamp of all slots changes. */
#ifdef LOST_LEASE_LEAVES_FILE
#define end_file() lease[dead] = lease[0]; isMapped = 0; isNoted = 0
#else
#ifdef LOST_LEASE_KEEPS_STAMP
#define end_file() isNoted = 0
#else
#define end_file() bump(); isNoted = 0; owesBump = 0
#endif
#endif

#include "holder.pml"
#include "revoker.pml"

#ifdef DEADLINE_NOT_CHECKED
#define isInTime true
#else
#define isInTime ((isMapped -> lease[0] : lease[dead]) != 0)
#endif

#define isUnchanged (entry == 1 + stamp)
#ifdef STAMP_BEFORE_DEADLINE
#define firstLook isUnchanged
#define secondLook isInTime
#else
#define firstLook isInTime
#define secondLook isUnchanged
#endif

active proctype Broker() {
end:
  do
  /* B1: a check that finds nothing: the snapshot first, then the question. */
  :: atomic { question == none -> snapshot = stamp; question = asking }
  /* B2: no answer, a denial, or a grant without the header. */
  :: atomic { question == asking || question == granted -> end_question() }
  /* B3: a grant with the header is kept, with the snapshot. */
  :: atomic { question == granted ->
#ifdef SNAPSHOT_AFTER_ANSWER
       entry = 1 + stamp;
#else
       entry = 1 + snapshot;
#endif
       end_question() }
  /* B4: a check finds a grant in the table: first the deadlines and the clock ... */
  :: atomic { question == none && entry != 0 && firstLook -> isLate = has(returned, 0); question = looking }
  /* B4: ... then the stamps. */
  :: atomic { question == looking ->
       if
       :: secondLook ->
            assert(!isLate);
#ifdef SEE_HIT_OF_DEAD
            assert(isMapped || !has(ended[0], 0))
#endif
       :: else
       fi;
       end_question() }
  /* B5: an answer named an unknown file: the new one is mapped, what was kept with the old one is worth nothing. */
  :: atomic { !isMapped ->
       isMapped = 1; stamp = 0; entry = 0; lease[dead] = 0; end_question(); drop_name(dead) }
  od
}

init {
  atomic { run Holder(0); run Revoker(0) }
}
