return function(who) return "Good evening, " .. who end
