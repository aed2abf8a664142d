import System

Program.exit(Main.run(Array(CommandLine.arguments.dropFirst())))
