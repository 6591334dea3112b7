# A trace in the JSON of Jaeger for each row: a request that makes the calls of its columns one after another, 2 ms each, when it
# has worked itself for so long.
BEGIN { FS = "," }
NR == 1 { for (i = 3; i <= NF; i++) name[i] = $i; printf "{\"data\":[" ; next }
{
    start = 1700000000000000 + NR * 1000000; spent = 0; spans = ""; n = 1
    for (i = 3; i <= NF; i++)
        if ($i != "") {
            at = start + $i * 1000 + spent; spent += 2000; n++
            spans = spans sprintf(",{\"traceID\":\"%.0f\",\"spanID\":\"%.0f\",\"operationName\":\"%s\",\"references\":[{\"refType\":\"CHILD_OF\",\"traceID\":\"%.0f\",\"spanID\":\"1\"}],\"startTime\":%.0f,\"duration\":2000,\"processID\":\"p1\",\"tags\":[{\"key\":\"span.kind\",\"type\":\"string\",\"value\":\"client\"},{\"key\":\"db.system\",\"type\":\"string\",\"value\":\"mysql\"}]}", NR, n, name[i], NR, at)
            last = $i
        }
    printf "%s{\"traceID\":\"%.0f\",\"spans\":[{\"traceID\":\"%.0f\",\"spanID\":\"1\",\"operationName\":\"geocode\",\"references\":[],\"startTime\":%.0f,\"duration\":%.0f,\"processID\":\"p1\",\"tags\":[{\"key\":\"span.kind\",\"type\":\"string\",\"value\":\"server\"}]}%s],\"processes\":{\"p1\":{\"serviceName\":\"geocoder\",\"tags\":[]}}}", (NR > 2 ? "," : ""), NR, NR, start, last * 1000 + spent + 1000, spans
}
END { print "]}" }
