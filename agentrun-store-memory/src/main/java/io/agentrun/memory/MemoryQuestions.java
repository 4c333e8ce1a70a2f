package io.agentrun.memory;

import io.agentrun.question.Question;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The questions with the indexes that find them, guarded by the executor's lock. */
final class MemoryQuestions {

    private static final NavigableSet<IndexKey> NONE = new TreeSet<>(IndexKey.OLDEST_FIRST);

    private final Map<String, Question> byId = new HashMap<>();
    private final TreeSet<IndexKey> byAge = new TreeSet<>(IndexKey.OLDEST_FIRST);
    private final TreeSet<IndexKey> byDue = new TreeSet<>(IndexKey.OLDEST_FIRST);
    private final TreeSet<IndexKey> openByAge = new TreeSet<>(IndexKey.OLDEST_FIRST);
    private final TreeSet<IndexKey> openByDue = new TreeSet<>(IndexKey.OLDEST_FIRST);
    private final Map<String, TreeSet<IndexKey>> ofRuns = new HashMap<>();
    final TreeMap<Long, Question> byVersion = new TreeMap<>();
    long lastVersion;

    @Nullable
    Question find(String id) {
        return byId.get(id);
    }

    /** Returns the question that an index names. */
    Question get(String id) {
        Question question = byId.get(id);
        if (question == null) {
            throw new IllegalStateException("an index names an unknown question");
        }
        return question;
    }

    /** Returns whether the question is new. */
    boolean put(Question question) {
        Question old = byId.put(question.id(), question);
        IndexKey age = IndexKey.asked(question);
        IndexKey due = IndexKey.due(question);
        if (old == null) {
            byAge.add(age);
            byDue.add(due);
            ofRuns.computeIfAbsent(question.runId(), id -> new TreeSet<>(IndexKey.OLDEST_FIRST))
                    .add(age);
        } else {
            byVersion.remove(old.version());
        }
        if (question.state() == QuestionState.OPEN) {
            openByAge.add(age);
            openByDue.add(due);
        } else {
            openByAge.remove(age);
            openByDue.remove(due);
        }
        byVersion.put(question.version(), question);
        lastVersion = Math.max(lastVersion, question.version());
        return old == null;
    }

    /** Returns the index that a list goes along: the smallest one in the query's order. */
    NavigableSet<IndexKey> index(QuestionQuery query) {
        boolean open = query.state() == QuestionState.OPEN;
        if (query.order() == QuestionOrder.DUE) {
            return open ? openByDue : byDue;
        }
        if (query.runId() != null) {
            return of(query.runId());
        }
        return open ? openByAge : byAge;
    }

    private NavigableSet<IndexKey> of(String runId) {
        NavigableSet<IndexKey> found = ofRuns.get(runId);
        return found == null ? NONE : found;
    }

    /** Returns the questions of the run, which go with it. */
    List<Question> ofRun(String runId) {
        return of(runId).stream().map(key -> get(key.id())).toList();
    }

    void removeOfRun(String runId) {
        for (Question question : ofRun(runId)) {
            byId.remove(question.id());
            byAge.remove(IndexKey.asked(question));
            byDue.remove(IndexKey.due(question));
            openByAge.remove(IndexKey.asked(question));
            openByDue.remove(IndexKey.due(question));
            byVersion.remove(question.version());
        }
        ofRuns.remove(runId);
    }

    int size() {
        return byId.size();
    }
}
