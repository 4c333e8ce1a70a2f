package io.agentrun.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The order of keys: by code point, which is also the order of their UTF-8 bytes and of {@code COLLATE "C"}. */
final class KeyOrder {

    private static final int INSERTION_SORT_UP_TO = 12;

    private KeyOrder() {}

    static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return rank(x) - rank(y);
            }
        }
        return a.length() - b.length();
    }

    // Surrogates stand for code points above U+FFFF but lie below U+E000: move them to the top.
    private static int rank(char c) {
        if (c < Character.MIN_SURROGATE) {
            return c;
        }
        return c <= Character.MAX_SURROGATE ? c + 0x2000 : c - 0x800;
    }

    /** Returns the index of the key, or {@code -(insertion point) - 1}. */
    static int indexOf(String[] sorted, String key) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(sorted[middle], key);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    /** Sorts both arrays by key; false if a key occurs twice. */
    static boolean sort(String[] keys, @Nullable Object[] values) {
        if (isStrictlyAscending(keys)) {
            return true;
        }
        if (keys.length <= INSERTION_SORT_UP_TO) {
            insertionSort(keys, values);
        } else {
            mergeSort(keys, values);
        }
        return isStrictlyAscending(keys);
    }

    private static boolean isStrictlyAscending(String[] keys) {
        for (int i = 1; i < keys.length; i++) {
            if (compare(keys[i - 1], keys[i]) >= 0) {
                return false;
            }
        }
        return true;
    }

    private static void insertionSort(String[] keys, @Nullable Object[] values) {
        for (int i = 1; i < keys.length; i++) {
            String key = keys[i];
            Object value = values[i];
            int j = i;
            while (j > 0 && compare(keys[j - 1], key) > 0) {
                keys[j] = keys[j - 1];
                values[j] = values[j - 1];
                j--;
            }
            keys[j] = key;
            values[j] = value;
        }
    }

    private static void mergeSort(String[] keys, @Nullable Object[] values) {
        Field[] fields = new Field[keys.length];
        for (int i = 0; i < keys.length; i++) {
            fields[i] = new Field(keys[i], values[i]);
        }
        Arrays.sort(fields, (a, b) -> compare(a.key, b.key));
        for (int i = 0; i < keys.length; i++) {
            keys[i] = fields[i].key;
            values[i] = fields[i].value;
        }
    }

    private record Field(String key, @Nullable Object value) {}
}
