"""The site's database as the application itself sees it."""
import os
import subprocess


class Database:
    """One psql, kept open, that speaks as the application's own role."""

    def __init__(self, directory):
        with open(directory + "/passwords/bitbucket", encoding="ascii") as f:
            password = f.read().strip()
        with open(directory + "/socket", encoding="utf-8") as f:
            socket = f.read().strip()
        self.psql = subprocess.Popen(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", socket,
             "-U", "bitbucket", "-d", "bitbucket"],
            env=dict(os.environ, PGPASSWORD=password), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, sql, *values):
        """Runs SQL in one transaction, with each %s replaced by a quoted value.
        Gives the rows as lists of text."""
        quoted = tuple("'%s'" % str(v).replace("'", "''") for v in values)
        self.psql.stdin.write("BEGIN;\n%s;\nCOMMIT;\n\\echo --end\n"
                              % (sql % quoted))
        self.psql.stdin.flush()
        rows = []
        for line in self.psql.stdout:
            if line == "--end\n":
                return rows
            rows.append(line.rstrip("\n").split("|"))
        raise RuntimeError("the database refused: " + sql)

    def next_id(self, sequence):
        return int(self.run("UPDATE id_sequence SET next_val = next_val + 1"
                            " WHERE sequence_name = %s RETURNING next_val - 1",
                            sequence)[0][0])

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()
